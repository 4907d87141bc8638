{{- define "homeport.labels" -}}
app.kubernetes.io/part-of: homeport
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "homeport.coordinatorConfig" -}}
HOMEPORT_LISTEN: "0.0.0.0:7443"
HOMEPORT_OPS_LISTEN: "0.0.0.0:7444"
HOMEPORT_SECRETS: "/etc/homeport/secrets"
HOMEPORT_LOG_FORMAT: "json"
HOMEPORT_DRAIN: "10s"
HOMEPORT_SSH_ADDRESS: {{ .Values.sshAddress | quote }}
HOMEPORT_URL: {{ .Values.url | quote }}
HOMEPORT_KUBERNETES_TOKENS: "review"
HOMEPORT_KUBERNETES_AUDIENCE: "homeport"
{{- if eq .Values.store "postgres" }}
HOMEPORT_STORE_FILE: "/etc/homeport/store/url"
{{- else }}
HOMEPORT_STATE: "/var/lib/homeport"
{{- end }}
{{- end -}}

{{- define "homeport.sshproxyConfig" -}}
HOMEPORT_LISTEN: "0.0.0.0:2222"
HOMEPORT_TUNNEL_LISTEN: "0.0.0.0:7445"
HOMEPORT_OPS_LISTEN: "0.0.0.0:7446"
HOMEPORT_COORDINATOR: "coordinator:7443"
HOMEPORT_CA_FILE: "/etc/homeport/proxy/ca.pem"
HOMEPORT_CREDENTIAL_FILE: "/etc/homeport/proxy/proxy-credential"
HOMEPORT_LOG_FORMAT: "json"
HOMEPORT_LOOP_THREADS: "4"
HOMEPORT_PROXY_PROTOCOL_FROM: {{ .Values.frontDoor.proxyProtocolFrom | quote }}
HOMEPORT_DRAIN: {{ .Values.sshproxy.drain | quote }}
{{- end -}}
