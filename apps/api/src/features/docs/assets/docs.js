// Adds what needs a script to the documentation: buttons that copy code, and one language for all samples.

for (const block of document.querySelectorAll('.code')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('pre').textContent)
    button.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, 2000)
  })
  block.append(button)
}

const LANGUAGE = 'docs-language'
const choices = [...document.querySelectorAll('.languages input')]
const choose = (language) => {
  for (const choice of choices) choice.checked = choice.value === language
}
const remembered = localStorage.getItem(LANGUAGE)
if (choices.some(({ value }) => value === remembered)) choose(remembered)
for (const choice of choices) {
  choice.addEventListener('change', () => {
    // The samples above the chosen one may get longer or shorter: it stays where it is on the screen.
    const before = choice.getBoundingClientRect().top
    choose(choice.value)
    scrollBy({ top: choice.getBoundingClientRect().top - before, behavior: 'instant' })
    localStorage.setItem(LANGUAGE, choice.value)
  })
}
