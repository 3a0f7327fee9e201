/** Items of all pages, each page asked for when the one before is used up; `next` is `undefined` after the last. */
export async function* items<Item, Token>(
  pageAt: (token: Token | undefined) => Promise<{ items: readonly Item[]; next: Token | undefined }>,
): AsyncGenerator<Item, void, undefined> {
  let token: Token | undefined
  do {
    const page = await pageAt(token)
    yield* page.items
    token = page.next
  } while (token !== undefined)
}
