{{/* What all pods have in common: no privileges, no token of the cluster, and the part's Secret as files. */}}
{{- define "daytona-auth.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
volumes:
  - name: secrets
    secret:
      secretName: {{ include "daytona-auth.name" .root }}-{{ .part }}
      # Readable by the group of the pod, and by no other user.
      defaultMode: 0440
      items:
        {{- range include "daytona-auth.secretKeys" . | fromJsonArray }}
        - { key: {{ . }}, path: {{ . }} }
        {{- end }}
{{- end -}}

{{- define "daytona-auth.container" -}}
image: {{ include "daytona-auth.image" . }}
imagePullPolicy: {{ .root.Values.images.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: secrets, mountPath: /run/secrets, readOnly: true }
{{- end -}}

{{- define "daytona-auth.secretVariables" -}}
{{- range include "daytona-auth.secretKeys" . | fromJsonArray }}
- { name: {{ . }}_FILE, value: /run/secrets/{{ . }} }
{{- end }}
{{- end -}}
