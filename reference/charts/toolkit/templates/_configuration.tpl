{{/* A file of sections and options; a list becomes as many lines. */}}
{{- define "toolkit.ini" -}}
{{- range $section, $options := . }}
[{{ $section }}]
{{- range $name, $value := $options }}
{{- if kindIs "slice" $value }}
{{- range $value }}
{{ $name }} = {{ . }}
{{- end }}
{{- else if not (kindIs "invalid" $value) }}
{{ $name }} = {{ $value }}
{{- end }}
{{- end }}
{{ end }}
{{- end }}

{{/* How a service lets Keystone check tokens, as a user of its own. Called with (list $ user). */}}
{{- define "toolkit.authtoken" -}}
{{- $root := index . 0 -}}
{{- $user := index . 1 -}}
{{- $auth := get $root.Values.endpoints.identity.auth $user -}}
auth_type: password
auth_url: {{ include "toolkit.auth_url" $root }}
www_authenticate_uri: {{ include "toolkit.auth_url" $root }}
username: {{ $auth.username }}
password: {{ required (printf "endpoints.identity.auth.%s.password" $user) $auth.password | quote }}
project_name: {{ $auth.project_name }}
user_domain_name: Default
project_domain_name: Default
region_name: {{ $root.Values.endpoints.region }}
{{- end }}

{{- define "toolkit.keystone_authtoken" -}}
{{ include "toolkit.authtoken" . }}
service_token_roles_required: "true"
service_token_roles: service
memcached_servers: {{ include "toolkit.caches" (index . 0) | quote }}
memcache_dead_retry: "60"
memcache_socket_timeout: "0.5"
memcache_use_advanced_pool: "true"
{{- end }}

{{/*
The Secret <chart>-etc with <chart>.conf: common values, then what the template works out, then values.conf.<chart>.
Called with (dict "root" $ "computed" <map> "files" <map of other files>).
*/}}
{{- define "toolkit.etc" -}}
{{- $root := .root -}}
{{- $name := $root.Chart.Name -}}
{{- $conf := mustMergeOverwrite (dict) (.computed | default dict) (get $root.Values.conf $name | default dict) -}}
apiVersion: v1
kind: Secret
metadata:
  name: {{ $name }}-etc
  labels: {{- include "toolkit.labels" (list $root $name "etc") | nindent 4 }}
type: Opaque
stringData:
  {{ $name }}.conf: | {{- include "toolkit.ini" $conf | nindent 4 }}
{{- range $file, $text := .files }}
  {{ $file }}: | {{- $text | nindent 4 }}
{{- end }}
{{- end }}
