/** What a page gets in the place of Node's files: see the `browser` field of package.json. */
function noFiles(path: string): never {
  throw new TypeError(
    `a page cannot open or write "${path}": give a File or Blob to convert(), and take model.bytes()`,
  );
}
export const fileSource = async (path: string): Promise<never> => noFiles(path);
export const writeFileAtomically = async (path: string): Promise<never> => noFiles(path);
