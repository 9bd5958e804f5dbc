{{/* On nodes of a kind, and no two of a component on one of them. Called with (dict "root" "application" "component" "on"). */}}
{{- define "toolkit.placement" -}}
{{- $label := get .root.Values.labels (.on | default "control") -}}
# Names are given in full, so they are not tried in four places where they are not.
dnsConfig: { options: [{ name: ndots, value: '2' }] }
nodeSelector:
  {{ $label.node_selector_key }}: {{ $label.node_selector_value }}
{{- if not .shared }}
affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "toolkit.labels" (list .root .application .component) | nindent 12 }}
{{- end }}
{{- end }}

{{/* Waits for what values.dependencies.static.<component> names, as OpenStack-Helm's init container does. */}}
{{- define "toolkit.wait" -}}
{{- $root := .root -}}
{{- $static := (($root.Values.dependencies | default dict).static | default dict) -}}
{{- $wanted := get $static .key | default dict -}}
{{- $services := list -}}
{{- range $wanted.services }}
{{- $services = append $services (printf "%s:%v" (include "toolkit.host" (list $root .service)) .port) -}}
{{- end -}}
- name: init
  image: {{ $root.Values.images.tags.openstack }}
  imagePullPolicy: {{ $root.Values.images.pull_policy }}
  command: [wait-for]
  env:
    - name: DEPENDENCIES
      value: {{ dict "jobs" ($wanted.jobs | default list) "services" $services | toJson | quote }}
{{- end }}

{{/* An account that may see whether jobs are done, and nothing else. */}}
{{- define "toolkit.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Chart.Name }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .Chart.Name }}-waits
rules:
  - apiGroups: [batch]
    resources: [jobs]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .Chart.Name }}-waits
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .Chart.Name }}-waits }
subjects: [{ kind: ServiceAccount, name: {{ .Chart.Name }}, namespace: {{ .Release.Namespace }} }]
{{- end }}

{{/* At most one of several may be taken away on purpose. Called with (dict "root" "application" "component" "name"). */}}
{{- define "toolkit.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  labels: {{- include "toolkit.labels" (list .root .application .component) | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "toolkit.labels" (list .root .application .component) | nindent 6 }}
{{- end }}

{{/* Where a chart's configuration is in its pods. */}}
{{- define "toolkit.etc_mounts" -}}
{{- $name := .root.Chart.Name -}}
- { name: etc, mountPath: /etc/{{ $name }}/{{ $name }}.conf, subPath: {{ $name }}.conf, readOnly: true }
{{- end }}
