package servicediscovery

import (
	"maps"

	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// Lookup finds a service by its ARN.
func Lookup(r store.Reader, name string) (Entry, bool) {
	a, err := arn.Parse(name)
	if err != nil || a.Service != signingName || len(a.Resource) < len("service/") {
		return Entry{}, false
	}
	return Services.Get(r, a.Scope().Key(a.Resource[len("service/"):]))
}

// Register puts an instance into the service of an ARN, or gives it other
// attributes. A service that was deleted takes nothing.
func Register(tx *store.Tx, service, instance string, attributes map[string]string) error {
	e, ok := Lookup(tx, service)
	if !ok {
		return sd.NewServiceNotFound("Service not found: %s", service)
	}
	return e.put(tx, instance, attributes, "")
}

// Deregister takes an instance out of the service of an ARN. What is gone is no
// error.
func Deregister(tx *store.Tx, service, instance string) {
	e, ok := Lookup(tx, service)
	if !ok {
		return
	}
	if i, ok := Instances.Get(tx, e.Key+"/"+instance); ok {
		e.remove(tx, &i)
	}
}

func (e *Entry) put(tx *store.Tx, instance string, attributes map[string]string, request string) error {
	if err := checkAttributes(e, attributes); err != nil {
		return err
	}
	i := Instance{Key: e.Key + "/" + instance, Spec: InstanceSpec{Attributes: maps.Clone(attributes), Request: request}}
	if old, ok := Instances.Get(tx, i.Key); ok {
		if maps.Equal(old.Spec.Attributes, attributes) {
			return nil
		}
		withdraw(tx, e, &old)
	}
	i.Spec.Unhealthy = e.Spec.CustomHealth != nil && attributes[attributeInit] == sd.CustomHealthStatusUnhealthy
	Instances.Put(tx, i)
	publish(tx, e, &i)
	e.Spec.Revision++
	Services.Put(tx, *e)
	return nil
}

func (e *Entry) remove(tx *store.Tx, i *Instance) {
	withdraw(tx, e, i)
	Instances.Delete(tx, i.Key)
	e.Spec.Revision++
	Services.Put(tx, *e)
}
