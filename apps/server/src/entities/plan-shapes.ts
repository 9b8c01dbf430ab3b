/** On the wire, plans and resources of every kind of entity have these shapes. */
export { ApiPlan, ListResourcesResponse, type ApiResourceView } from '@windlass/resources/postgres/spec';
