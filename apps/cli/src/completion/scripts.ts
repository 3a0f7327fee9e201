export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/**
 * What a shell reads to complete `daytona`: at each press of the tab key it asks `daytona complete` for candidates, each
 * on a line with its description behind a tab. Words go there as arguments: none is evaluated, as it would be on Enter.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Bash takes words apart at `:` and `=`, and replaces only what is behind the last of them.
  bash: `# In ~/.bashrc: source <(daytona completion bash)
_daytona() {
  local line=\${COMP_LINE:0:COMP_POINT} words typed candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  typed=\${words[\${#words[@]} - 1]}
  local head=\${typed%"\${typed##*[:=]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$head"}")
  done < <("$1" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _daytona daytona
`,
  zsh: `#compdef daytona
# In ~/.zshrc, behind compinit: source <(daytona completion zsh)
_daytona() {
  local line
  local -a candidates
  for line in \${(f)"$("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)"}; do
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
  set -l words (commandline -opc) (commandline -ct)
  $words[1] complete -- $words[2..] 2>/dev/null
end
complete -c daytona -f -a '(__daytona_complete)'
`,
}
