/** Keys one page of a listing holds; the next page starts at the answer's cursor. */
export const KEY_PAGE_SIZE = 1_000;
