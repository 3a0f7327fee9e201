import { colord, extend } from 'colord'
import a11y from 'colord/plugins/a11y'

extend([a11y])

/** WCAG 2.2 §1.4.3 for text. */
const MIN_CONTRAST = 4.5
const STEP = 0.01
/** How much a button changes under the pointer, in lightness. */
const OVER = 0.06

/** The backgrounds that text in the color appears on, and the text on a button: those of `style.css`. */
const SCHEMES = {
  light: { backgrounds: ['#ffffff', '#f4f5f7', '#f6f7f9'], onAction: '#ffffff', direction: -1 },
  dark: { backgrounds: ['#14171d', '#0b0d11', '#1a1e26'], onAction: '#12151c', direction: 1 },
} as const

type Scheme = (typeof SCHEMES)[keyof typeof SCHEMES]

/**
 * Returns the rules that give buttons, links and marks the color of an installation. In each color scheme it gets as much
 * darker or lighter as text needs for a contrast of 4.5:1 with each background.
 */
export function brandStyle(color: string): string {
  const [light, dark] = [rulesOf(color, SCHEMES.light), rulesOf(color, SCHEMES.dark)]
  return `\n:root {\n${light}}\n@media (prefers-color-scheme: dark) {\n:root {\n${dark}}\n}\n`
}

function rulesOf(color: string, { backgrounds, onAction, direction }: Scheme): string {
  const surfaces = [...backgrounds, onAction]
  let action = colord(color)
  // Ends at black or white, which contrast with every background.
  while (surfaces.some((surface) => action.contrast(surface) < MIN_CONTRAST)) action = action.lighten(direction * STEP)
  const shown = action.toHex()
  const over = action.lighten(direction * OVER).toHex()
  return Object.entries({
    action: shown,
    link: shown,
    ring: shown,
    mark: shown,
    'action-over': over,
    'on-action': onAction,
  })
    .map(([name, value]) => `--${name}: ${value};\n`)
    .join('')
}
