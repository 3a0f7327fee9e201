import './keyboard.css'
import { useState } from 'react'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ACCOUNT_KEY, ORGANIZATION_PAGES } from '../pages.ts'
import { areSingleKeysOn, setSingleKeys } from './single-keys.ts'

const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly action: string }[] = [
  { keys: isApple ? ['⌘', 'K'] : ['Ctrl', 'K'], action: 'Find a command or an API key' },
  { keys: ['/'], action: 'Search the list of the page' },
  { keys: ['?'], action: 'Show these shortcuts' },
  ...ORGANIZATION_PAGES.map(({ label, key }) => ({ keys: ['g', key], action: label })),
  { keys: ['g', ACCOUNT_KEY], action: 'Your account' },
]

/** Lists the shortcuts. Those of single keys can be switched off. */
export function Shortcuts() {
  const [isOn, setIsOn] = useState(areSingleKeysOn)
  return (
    <>
      <dl className="shortcuts">
        {SHORTCUTS.map(({ keys, action }) => (
          <div key={action} className="shortcut">
            <dt className="keys">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
      <Checkbox
        checked={isOn}
        onCheckedChange={(next) => {
          setSingleKeys(next)
          setIsOn(next)
        }}
      >
        Use shortcuts without Ctrl or ⌘
      </Checkbox>
    </>
  )
}
