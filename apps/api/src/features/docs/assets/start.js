// Shows the reference. It is a separate file because the page's policy forbids inline scripts.
const spec = await (await fetch('/openapi.json')).json()
// Swagger UI would fetch the configuration of this scheme. For a reader it is a bearer token in the same header.
const { description } = spec.components.securitySchemes.oauth2
spec.components.securitySchemes.oauth2 = { type: 'http', scheme: 'bearer', description }
SwaggerUIBundle({
  spec,
  dom_id: '#reference',
  deepLinking: true,
  // No requests to other hosts, and no form that asks the reader for a credential.
  validatorUrl: null,
  supportedSubmitMethods: [],
})
