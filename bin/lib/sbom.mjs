// pnpm run --silent sbom >windlass.cdx.json: what Windlass is made of, checked against the schema of CycloneDX 1.6.
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { billOfMaterials } from './bill-of-materials.mjs';

const text = `${JSON.stringify(billOfMaterials(), null, 2)}\n`;
const wrong = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
if (wrong !== null) throw new Error(`it is no CycloneDX 1.6: ${JSON.stringify(wrong)}`);
process.stdout.write(text);
