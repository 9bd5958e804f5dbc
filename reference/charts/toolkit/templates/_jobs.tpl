{{/*
A Job of the chain. Called with a dict: root, job (such as db-sync), command, env, mounts, volumes. It waits for what
values.dependencies.static.<job with underscores> names.
*/}}
{{- define "toolkit.job" -}}
{{- $root := .root -}}
{{- $chart := $root.Chart.Name -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $chart }}-{{ .job }}
  labels: {{- include "toolkit.labels" (list $root $chart .job) | nindent 4 }}
spec:
  # A migration that was cut off in the middle cannot be repeated, so it is let alone for as long as it takes.
  backoffLimit: 20
  template:
    metadata:
      labels: {{- include "toolkit.labels" (list $root $chart .job) | nindent 8 }}
    spec:
      serviceAccountName: {{ $chart }}
      restartPolicy: OnFailure
      {{- include "toolkit.placement" (dict "root" $root "shared" true) | nindent 6 }}
      initContainers: {{- include "toolkit.wait" (dict "root" $root "key" (.job | replace "-" "_")) | nindent 8 }}
      containers:
        - name: {{ $chart }}-{{ .job }}
          image: {{ $root.Values.images.tags.openstack }}
          imagePullPolicy: {{ $root.Values.images.pull_policy }}
          command: {{ .command | toJson }}
          {{- with .env }}
          env: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- if .configured }}
          volumeMounts:
            {{- include "toolkit.etc_mounts" . | nindent 12 }}
            {{- with .mounts }}{{ toYaml . | nindent 12 }}{{ end }}
          {{- end }}
      {{- if .configured }}
      volumes:
        - name: etc
          secret: { secretName: {{ $chart }}-etc, defaultMode: 0440 }
        {{- with .volumes }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- end }}
{{- end }}

{{/* What the jobs of a chart are given: in a Secret, for there are passwords in it. */}}
{{- define "toolkit.job_secret" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $admin := $values.endpoints.identity.auth.admin -}}
{{- $users := list -}}
{{- range $name, $databases := $values.databases -}}
{{- $users = append $users (dict "name" $name "password" (get $values.endpoints.oslo_db.auth $name).password "databases" $databases) -}}
{{- end -}}
{{- $accounts := list -}}
{{- range $values.accounts -}}
{{- $auth := get $values.endpoints.identity.auth . -}}
{{- $accounts = append $accounts (dict "name" $auth.username "password" $auth.password "project" $auth.project_name "roles" (list "admin" "service")) -}}
{{- end -}}
{{- $services := list -}}
{{- range $values.catalogue -}}
{{- $inside := printf "http://%s:%v%s" (include "toolkit.host" (list $root .service)) .port (.path | default "") -}}
{{- $outside := printf "%s://%s:%v%s" $values.endpoints.public.scheme $values.endpoints.public.host .port (.path | default "") -}}
{{- $services = append $services (dict "type" .type "name" .name "endpoints" (dict "public" $outside "internal" $inside "admin" $inside)) -}}
{{- end -}}
apiVersion: v1
kind: Secret
metadata:
  name: {{ $root.Chart.Name }}-jobs
  labels: {{- include "toolkit.labels" (list $root $root.Chart.Name "jobs") | nindent 4 }}
type: Opaque
stringData:
  DB_HOST: {{ include "toolkit.host" (list $root $values.endpoints.oslo_db.host) }}
  DB_ROOT_PASSWORD: {{ required "endpoints.oslo_db.auth.admin.password" $values.endpoints.oslo_db.auth.admin.password | quote }}
  DB_USERS: {{ $users | toJson | quote }}
  OS_AUTH_URL: {{ include "toolkit.auth_url" $root }}
  OS_USERNAME: {{ $admin.username }}
  OS_PASSWORD: {{ required "endpoints.identity.auth.admin.password" $admin.password | quote }}
  OS_PROJECT_NAME: {{ $admin.project_name }}
  OS_REGION_NAME: {{ $values.endpoints.region }}
  {{- with $values.bootstrap }}
  BOOTSTRAP: {{ .wants | toJson | quote }}
  SERVICE_URL: http://{{ include "toolkit.host" (list $root .service) }}:{{ .port }}{{ .path }}
  {{- end }}
  USERS: {{ $accounts | toJson | quote }}
  SERVICES: {{ $services | toJson | quote }}
{{- end }}

{{/* Environment of a job, one variable at a time out of that Secret. Called with (list $ names...). */}}
{{- define "toolkit.job_env" -}}
{{- $root := index . 0 -}}
{{- range rest . }}
- name: {{ . }}
  valueFrom: { secretKeyRef: { name: {{ $root.Chart.Name }}-jobs, key: {{ . }} } }
{{- end }}
{{- end }}

{{/* db-init, which makes database and user. */}}
{{- define "toolkit.job_db_init" -}}
{{- $env := include "toolkit.job_env" (list . "DB_HOST" "DB_ROOT_PASSWORD" "DB_USERS") | fromYamlArray -}}
{{ include "toolkit.job" (dict "root" . "job" "db-init" "command" (list "cloud-job" "db-init") "env" $env) }}
{{- end }}

{{/*
db-sync, which runs a command where the schema is not that of the image already. Called with a dict: root, command, mounts, volumes.
*/}}
{{- define "toolkit.job_db_sync" -}}
{{- $env := include "toolkit.job_env" (list .root "DB_HOST" "DB_USERS") | fromYamlArray -}}
{{- $command := concat (list "cloud-job" "db-sync") .command -}}
{{ include "toolkit.job" (merge (dict "job" "db-sync" "command" $command "env" $env "configured" true) .) }}
{{- end }}

{{/* bootstrap, which makes what values.bootstrap wants. */}}
{{- define "toolkit.job_bootstrap" -}}
{{- $names := list "OS_AUTH_URL" "OS_USERNAME" "OS_PASSWORD" "OS_PROJECT_NAME" "BOOTSTRAP" "SERVICE_URL" -}}
{{ include "toolkit.job" (dict "root" . "job" "bootstrap" "command" (list "cloud-job" "bootstrap") "env" (include "toolkit.job_env" (concat (list .) $names) | fromYamlArray)) }}
{{- end }}

{{/* ks-service, ks-user, ks-endpoints. */}}
{{- define "toolkit.jobs_keystone" -}}
{{- $root := . -}}
{{- $asks := list "OS_AUTH_URL" "OS_USERNAME" "OS_PASSWORD" "OS_PROJECT_NAME" "OS_REGION_NAME" -}}
{{- range $job, $needs := dict "ks-service" (list "SERVICES") "ks-user" (list "USERS") "ks-endpoints" (list "SERVICES") }}
---
{{ include "toolkit.job" (dict "root" $root "job" $job "command" (list "cloud-job" $job) "env" (include "toolkit.job_env" (concat (list $root) $asks $needs) | fromYamlArray)) }}
{{- end }}
{{- end }}
