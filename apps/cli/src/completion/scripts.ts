export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/**
 * Completion scripts. For each completion they run `daytona complete`, which prints one candidate per line, and its
 * description after a tab. The words of the line are passed as arguments and never evaluated.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Bash gets candidates in the form in which it inserts them: quoted, and without what precedes its separators.
  bash: `# In ~/.bashrc: source <(daytona completion bash)
_daytona() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <("$1" complete --bash "$COMP_WORDBREAKS" -- "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o default -F _daytona daytona
`,
  zsh: `#compdef daytona
# In ~/.zshrc, after compinit: source <(daytona completion zsh)
_daytona() {
  local line
  local -a candidates
  for line in \${(f)"$("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)"}; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#candidates} )); then
    _describe daytona candidates
  else
    _files
  fi
}
if [[ \${funcstack[1]} == _daytona ]]; then
  _daytona "$@"
else
  compdef _daytona daytona
fi
`,
  fish: `# In ~/.config/fish/config.fish: daytona completion fish | source
function __daytona_complete
  set -l words (commandline -opc)
  set -l raw (commandline -ct)
  set -l typed (string unescape -- "$raw")
  or set typed (string replace -r "^[\\"']" '' -- "$raw")
  $words[1] complete -- $words[2..] "$typed" 2>/dev/null
end
complete -c daytona -f -a '(__daytona_complete)'
`,
}
