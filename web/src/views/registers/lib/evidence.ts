// Files bound to a record.

/** Largest file, in bytes; the server refuses more. */
export const LARGEST = 20 * 1024 * 1024;

/** Ends of the names that the server knows by content. */
export const ENDINGS = ['pdf', 'png', 'jpg', 'jpeg', 'webp', 'docx', 'xlsx', 'ofd', 'txt'] as const;

export const ACCEPT = ENDINGS.map((ending) => `.${ending}`).join(',');

export type Unfit = 'large' | 'empty' | 'kind';

/** Why a file need not even be sent; `null` when it may be. */
export function unfit(file: { name: string; size: number }): Unfit | null {
  if (file.size === 0) return 'empty';
  if (file.size > LARGEST) return 'large';
  const ending = file.name.split('.').at(-1)?.toLowerCase() ?? '';
  return (ENDINGS as readonly string[]).includes(ending) ? null : 'kind';
}

export type Preview = 'picture' | 'pdf' | 'none';

/** How a file can be looked at without leaving the page. */
export function previewOf(type: string): Preview {
  if (/^(image\/)?(png|jpe?g|webp)$/.test(type)) return 'picture';
  return /^(application\/)?pdf$/.test(type) ? 'pdf' : 'none';
}
