/** `StockOnHand` */
export const STOCK_ON_HAND_QUERY = Symbol('StockOnHand');
