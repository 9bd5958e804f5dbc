{{/* Labels of OpenStack-Helm: what it is, which part of it, which release. Called with (list $ application component). */}}
{{- define "toolkit.labels" -}}
{{- $root := index . 0 -}}
release_group: {{ $root.Release.Name }}
application: {{ index . 1 }}
component: {{ index . 2 }}
{{- end }}

{{/* The full name of a service of this namespace. Called with (list $ name). */}}
{{- define "toolkit.host" -}}
{{- $root := index . 0 -}}
{{ index . 1 }}.{{ $root.Release.Namespace }}.svc.{{ $root.Values.endpoints.cluster_domain_suffix }}
{{- end }}

{{/* Where services find Keystone. */}}
{{- define "toolkit.auth_url" -}}
http://{{ include "toolkit.host" (list . "keystone-api") }}:5000/v3
{{- end }}

{{/* The caches, each by its own name: a client spreads its keys over them. */}}
{{- define "toolkit.caches" -}}
{{- $root := . -}}
{{- $hosts := list -}}
{{- range .Values.endpoints.oslo_cache.hosts -}}
{{- $hosts = append $hosts (printf "%s:11211" (include "toolkit.host" (list $root (printf "%s.%s" . $root.Values.endpoints.oslo_cache.discovery)))) -}}
{{- end -}}
{{ join "," $hosts }}
{{- end }}

{{/* Called with (list $ user), where the user is of endpoints.oslo_db.auth; the database has its name unless a third item says otherwise.
A balancer can keep a connection open whose server is gone, and whoever waits for an answer on it would wait for ever: HAProxy does so to
sessions that it ends while they are being connected. Migrations may take longer; they run when the image is made.
*/}}
{{- define "toolkit.database" -}}
{{- $root := index . 0 -}}
{{- $user := index . 1 -}}
{{- $name := last . -}}
{{- $auth := get $root.Values.endpoints.oslo_db.auth $user -}}
mysql+pymysql://{{ $user }}:{{ required (printf "endpoints.oslo_db.auth.%s.password" $user) $auth.password }}@{{ include "toolkit.host" (list $root $root.Values.endpoints.oslo_db.host) }}:3306/{{ $name }}?charset=utf8&read_timeout=30
{{- end }}

{{- define "toolkit.transport" -}}
{{- $root := . -}}
{{- $auth := .Values.endpoints.oslo_messaging.auth.user -}}
{{- $hosts := list -}}
{{- range .Values.endpoints.oslo_messaging.hosts -}}
{{- $host := include "toolkit.host" (list $root (printf "%s.%s" . $root.Values.endpoints.oslo_messaging.discovery)) -}}
{{- $hosts = append $hosts (printf "%s:%s@%s:5672" $auth.username (required "endpoints.oslo_messaging.auth.user.password" $auth.password) $host) -}}
{{- end -}}
rabbit://{{ join "," $hosts }}/
{{- end }}
