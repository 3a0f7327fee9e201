{{/* The name of the release, which all names begin with: `daytona-auth` for a release of that name. */}}
{{- define "daytona-auth.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{/* Labels of every object. `part` is api, oidc or migrate, and absent for what both servers share. */}}
{{- define "daytona-auth.labels" -}}
{{ include "daytona-auth.selector" . }}
app.kubernetes.io/part-of: daytona-auth
app.kubernetes.io/version: {{ .root.Values.images.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* Labels that do not change with a release. */}}
{{- define "daytona-auth.selector" -}}
app.kubernetes.io/name: daytona-auth
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .part }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "daytona-auth.image" -}}
{{- $image := index .root.Values.images .image -}}
{{- with .root.Values.images.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{ $image.repository }}
{{- with $image.digest }}@{{ . }}{{ else }}:{{ .root.Values.images.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* The keys of the Secret of a part, as a JSON list: what it always needs, what is enabled, and what else is given. */}}
{{- define "daytona-auth.secretKeys" -}}
{{- $values := .root.Values -}}
{{- $keys := list "DATABASE_URL" -}}
{{- if eq .part "oidc" -}}{{- $keys = concat $keys (list "SIGNING_KEYS_SECRET" "COOKIE_KEYS") -}}{{- end -}}
{{- if ne .part "migrate" -}}
{{- if $values.redis.enabled -}}{{- $keys = append $keys "REDIS_URL" -}}{{- end -}}
{{- if $values.mail.enabled -}}{{- $keys = append $keys "SMTP_URL" -}}{{- end -}}
{{- if and (eq .part "oidc") $values.organizationSignIn.enabled -}}{{- $keys = append $keys "RESOURCE_SECRETS_KEY" -}}{{- end -}}
{{- if eq .part "api" -}}
{{- if $values.registryPasswords.enabled -}}{{- $keys = append $keys "RESOURCE_SECRETS_KEY" -}}{{- end -}}
{{- if $values.auditAnchors.enabled -}}{{- $keys = append $keys "AUDIT_ANCHOR_KEYS" -}}{{- end -}}
{{- end -}}
{{- $keys = concat $keys (index $values .part).secretKeys -}}
{{- end -}}
{{- $keys = concat $keys (keys (index $values.secrets .part) | sortAlpha) -}}
{{- toJson (uniq $keys) -}}
{{- end -}}

{{/* The data of the Secret of a part. A key without a value stops the installation. */}}
{{- define "daytona-auth.secretData" -}}
{{- $given := index .root.Values.secrets .part -}}
{{- $part := .part -}}
{{- range include "daytona-auth.secretKeys" . | fromJsonArray }}
{{ . }}: {{ required (printf "secrets.%s.%s is not set" $part .) (index $given .) | b64enc | quote }}
{{- end }}
{{- end -}}
