// Brings helm-controller's module for its CRD alone; nothing of it is compiled.
module peers/crds

go 1.26.0

require github.com/fluxcd/helm-controller v1.6.4
