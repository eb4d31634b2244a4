/** `RequisitionList` */
export const REQUISITION_LIST = Symbol('RequisitionList');
