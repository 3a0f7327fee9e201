import './snippet.css'
import { CopyButton } from './copy-button.tsx'

/** A few lines to run elsewhere, with a button that copies them. `copied` may differ from what is shown, as with a secret. */
export const Snippet = ({
  title,
  text,
  copied = text,
  onCopied,
}: {
  readonly title: string
  readonly text: string
  readonly copied?: string
  readonly onCopied?: () => void
}) => (
  <div className="snippet">
    <div className="snippet-head">
      <span>{title}</span>
      <CopyButton text={copied} label={`Copy ${title}`} isIconOnly {...(onCopied && { onCopied })} />
    </div>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
    <pre tabIndex={0}>{text}</pre>
  </div>
)
