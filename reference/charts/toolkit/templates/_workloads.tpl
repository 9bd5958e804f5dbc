{{/*
A Deployment of a service. Called with a dict:
  root, component, name (default <chart>-<component>), replicas, command, ports (list of numbers), readiness (a probe),
  env, mounts, volumes, on (kind of node), privileged, waits (key of its dependencies; default is the component).
*/}}
{{- define "toolkit.deployment" -}}
{{- $root := .root -}}
{{- $chart := $root.Chart.Name -}}
{{- $pod := $root.Values.pod -}}
{{- $name := .name | default (printf "%s-%s" $chart .component) -}}
{{- $labels := include "toolkit.labels" (list $root $chart .component) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels: {{- $labels | nindent 4 }}
spec:
  replicas: {{ .replicas }}
  selector:
    matchLabels: {{- $labels | nindent 6 }}
  strategy:
    type: RollingUpdate
    # As many nodes as replicas, and never two on one: there is no place for one more.
    rollingUpdate: { maxSurge: 0, maxUnavailable: 1 }
  template:
    metadata:
      labels: {{- $labels | nindent 8 }}
      annotations:
        configmap-etc-hash: {{ $root.Values.conf | toJson | sha256sum }}
    spec:
      serviceAccountName: {{ $chart }}
      terminationGracePeriodSeconds: {{ $pod.lifecycle.termination_grace_seconds }}
      {{- include "toolkit.placement" (dict "root" $root "application" $chart "component" .component "on" .on) | nindent 6 }}
      initContainers: {{- include "toolkit.wait" (dict "root" $root "key" (.waits | default .component)) | nindent 8 }}
      containers:
        - name: {{ $name }}
          image: {{ $root.Values.images.tags.openstack }}
          imagePullPolicy: {{ $root.Values.images.pull_policy }}
          command: {{ .command | toJson }}
          {{- with .env }}
          env: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- if .privileged }}
          securityContext: { privileged: true }
          {{- end }}
          {{- with .ports }}
          ports: {{- range . }}
            - containerPort: {{ . }}
          {{- end }}
          {{- end }}
          {{- with .readiness }}
          readinessProbe:
            {{- toYaml . | nindent 12 }}
            periodSeconds: {{ $pod.readiness.period_seconds }}
            timeoutSeconds: {{ $pod.readiness.timeout_seconds }}
            failureThreshold: {{ $pod.readiness.failure_threshold }}
          {{- end }}
          lifecycle:
            preStop: { sleep: { seconds: {{ $pod.lifecycle.pre_stop_seconds }} } }
          volumeMounts:
            {{- include "toolkit.etc_mounts" . | nindent 12 }}
            {{- with .mounts }}{{ toYaml . | nindent 12 }}{{ end }}
      volumes:
        - name: etc
          secret: { secretName: {{ $chart }}-etc, defaultMode: 0440 }
        {{- with .volumes }}{{ toYaml . | nindent 8 }}{{ end }}
{{- end }}

{{/*
Two Services of a component: one that kube-proxy spreads over what is ready, and one that names each pod, ready or not, for a
balancer that asks for itself. Called with (dict "root" "component" "name" "port").
*/}}
{{- define "toolkit.service" -}}
{{- $labels := include "toolkit.labels" (list .root .root.Chart.Name .component) -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  labels: {{- $labels | nindent 4 }}
spec:
  selector: {{- $labels | nindent 4 }}
  ports: [{ name: api, port: {{ .port }} }]
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}-pods
  labels: {{- $labels | nindent 4 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{- $labels | nindent 4 }}
  ports: [{ name: api, port: {{ .port }} }]
{{- end }}
