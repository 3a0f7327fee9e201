// Shows the reference. A file of its own: the page's policy lets no script run that stands in the page.
const spec = await (await fetch('/openapi.json')).json()
// Swagger UI would ask for the configuration behind this scheme; to a reader it is a token in the same header.
const { description } = spec.components.securitySchemes.oauth2
spec.components.securitySchemes.oauth2 = { type: 'http', scheme: 'bearer', description }
SwaggerUIBundle({
  spec,
  dom_id: '#reference',
  deepLinking: true,
  // Nothing is asked elsewhere, and nobody is asked for a credential by a page of documentation.
  validatorUrl: null,
  supportedSubmitMethods: [],
})
