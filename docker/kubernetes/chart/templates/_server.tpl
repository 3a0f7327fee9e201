{{/* A server: Deployment, Service, PodDisruptionBudget and HorizontalPodAutoscaler. `part` is api or oidc. */}}
{{- define "daytona-auth.server" -}}
{{- $name := printf "%s-%s" (include "daytona-auth.name" .root) .part -}}
{{- $values := index .root.Values .part -}}
{{- $labels := include "daytona-auth.labels" . -}}
{{- $selector := include "daytona-auth.selector" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels: {{ $labels | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  minReadySeconds: 5
  # More than a pod may wait for the migration.
  progressDeadlineSeconds: {{ add .root.Values.databaseWaitSeconds 300 }}
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels: {{ $selector | nindent 6 }}
  template:
    metadata:
      labels: {{ $labels | nindent 8 }}
      annotations:
        kubectl.kubernetes.io/default-container: {{ .part }}
        # New pods for a new configuration.
        checksum/config: {{ include "daytona-auth.config" .root | sha256sum }}
        {{- if index .root.Values.secrets .part }}
        checksum/secret: {{ include "daytona-auth.secretData" . | sha256sum }}
        {{- else if $values.secretRevision }}
        checksum/secret: {{ $values.secretRevision | toString | sha256sum }}
        {{- end }}
        {{- with $values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "daytona-auth.pod" (merge (dict "serviceAccountName" $values.serviceAccountName) .) | nindent 6 }}
      # preStop, during which endpoints and proxies are updated, 10 s in which the server answers pending requests, and 5 s.
      terminationGracePeriodSeconds: 20
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector: {{ toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations: {{ toYaml . | nindent 8 }}
      {{- end }}
      # Only pods of one release of the program are counted, so that a rolling update leaves them spread evenly.
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{ $selector | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: {{ $values.spreadOverNodes }}
          # A node that accepts no pods is no reason to wait.
          nodeTaintsPolicy: Honor
          labelSelector:
            matchLabels: {{ $selector | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
      containers:
        - name: {{ .part }}
          {{- include "daytona-auth.container" (merge (dict "image" .part) .) | nindent 10 }}
          resources: {{ toYaml $values.resources | nindent 12 }}
          envFrom:
            - configMapRef: { name: {{ include "daytona-auth.name" .root }} }
          env:
            {{- include "daytona-auth.secretVariables" . | nindent 12 }}
            {{- if and (eq .part "api") .root.Values.forwardProvider.enabled }}
            - { name: PROVIDER_URL, value: "http://{{ include "daytona-auth.name" .root }}-oidc:3001" }
            {{- end }}
            {{- range $variable, $value := $values.env }}
            - { name: {{ $variable }}, value: {{ $value | toString | quote }} }
            {{- end }}
          ports:
            - { name: http, containerPort: {{ eq .part "api" | ternary 3000 3001 }} }
            - { name: metrics, containerPort: 9464 }
          # A new pod waits for the migration before it listens.
          startupProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 2
            timeoutSeconds: 3
            failureThreshold: {{ div (add .root.Values.databaseWaitSeconds 30) 2 }}
          readinessProbe:
            httpGet: { path: /health/ready, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
          # Not /health/ready: a restart does not help if the database is unavailable.
          livenessProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 6
          lifecycle:
            preStop:
              sleep: { seconds: 5 }
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{ $labels | nindent 4 }}
spec:
  selector: {{ $selector | nindent 4 }}
  ports:
    - { name: http, port: {{ eq .part "api" | ternary 3000 3001 }}, targetPort: http, appProtocol: http }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{ $labels | nindent 4 }}
spec:
  maxUnavailable: 1
  # Pods that are not ready do not block the drain of a node: with the database down, none is.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{ $selector | nindent 6 }}
{{- with $values.autoscaling }}
{{- if .enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels: {{ $labels | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ $name }} }
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: {{ .targetCpuPercent }} }
  behavior:
    scaleDown:
      # Each new replica starts with an empty cache and opens connections to the database.
      stabilizationWindowSeconds: 300
      policies:
        - { type: Pods, value: 1, periodSeconds: 60 }
{{- end }}
{{- end }}
{{- end -}}
