import type { ContractCase } from './contract/case.ts';
import { cluster } from './contract/cluster.ts';
import { databases, upgrades } from './contract/databases.ts';
import { hosts } from './contract/hosts.ts';
import { operations } from './contract/operations.ts';
import { tasks } from './contract/tasks.ts';

export type { ContractCase };

export const contractCases: readonly ContractCase[] = [
  ...cluster,
  ...hosts,
  ...databases,
  ...upgrades,
  ...operations,
  ...tasks,
];
