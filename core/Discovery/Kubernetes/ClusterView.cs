using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Discovery.Kubernetes;

/// <summary>What one refresh found beside the objects that become targets: targets get labels of these.</summary>
/// <param name="attached">What they get.</param>
internal sealed class ClusterView(KubernetesMetadata attached)
{
    /// <summary>The most targets.</summary>
    public const int MaxTargets = 200_000;

    /// <summary>The most labels of all targets: those of one pod are on all its targets.</summary>
    public const int MaxTargetLabels = 20_000_000;

    private readonly Dictionary<string, LabelSet> nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LabelSet> namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodObject> pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServiceObject> services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectMeta> replicaSets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectMeta> jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LabelSet> podLabels = new(StringComparer.Ordinal);
    private int targets;
    private int targetLabels;

    /// <summary>A target, which counts.</summary>
    /// <exception cref="DiscoveryException">There are too many.</exception>
    public LabelSet Target(MetaLabels labels)
    {
        targets++;
        targetLabels += labels.Count;
        return targets <= MaxTargets && targetLabels <= MaxTargetLabels
            ? labels.Build()
            : throw new DiscoveryException(
                $"there are more than {MaxTargets} targets, or {MaxTargetLabels} labels of targets; "
                    + "choose fewer by namespaces or selectors"
            );
    }

    public void AddNodes(IEnumerable<NodeObject> all)
    {
        foreach (var node in all)
        {
            nodes[node.Meta.Name] = node.Meta.LabelsAs("node");
        }
    }

    public void AddNamespaces(IEnumerable<ObjectMeta> all)
    {
        foreach (var meta in all)
        {
            namespaces[meta.Name] = meta.MetadataAs("namespace");
        }
    }

    public void AddPods(IEnumerable<PodObject> all)
    {
        foreach (var pod in all)
        {
            pods[pod.Meta.Key] = pod;
        }
    }

    public void AddServices(IEnumerable<ServiceObject> all)
    {
        foreach (var service in all)
        {
            services[service.Meta.Key] = service;
        }
    }

    public void AddReplicaSets(IEnumerable<ObjectMeta> all) => AddAll(replicaSets, all);

    public void AddJobs(IEnumerable<ObjectMeta> all) => AddAll(jobs, all);

    /// <summary>The service of a name; null where there is none.</summary>
    public ServiceObject? Service(string nameSpace, string name) =>
        services.GetValueOrDefault(ObjectMeta.KeyOf(nameSpace, name));

    /// <summary>The pod that an address is of; null where it is of none.</summary>
    public PodObject? Pod(ObjectReference? reference) =>
        reference is { Kind: "Pod" }
            ? pods.GetValueOrDefault(ObjectMeta.KeyOf(reference.Namespace, reference.Name))
            : null;

    /// <summary>Whether a pod counts: where nodes are looked at, only if its node is one of those that were selected.</summary>
    public bool IsOnKnownNode(PodObject pod) => !attached.Node || nodes.ContainsKey(pod.NodeName);

    /// <summary>The labels of a node, where they are wanted.</summary>
    public LabelSet NodeLabels(string? name) =>
        attached.Node && name is not null ? nodes.GetValueOrDefault(name) ?? LabelSet.Empty : LabelSet.Empty;

    /// <summary>The labels of a namespace, where they are wanted.</summary>
    public LabelSet NamespaceLabels(string name) =>
        attached.Namespace ? namespaces.GetValueOrDefault(name) ?? LabelSet.Empty : LabelSet.Empty;

    /// <summary>The labels of a pod itself, its namespace not among them; the same ones for all its targets.</summary>
    public LabelSet PodLabels(PodObject pod)
    {
        if (!podLabels.TryGetValue(pod.Meta.Key, out var known))
        {
            known = MakePodLabels(pod);
            podLabels.Add(pod.Meta.Key, known);
        }
        return known;
    }

    private LabelSet MakePodLabels(PodObject pod)
    {
        var labels = new MetaLabels(ObjectMeta.Prefix + "pod_")
            .Set("ip", pod.PodIp)
            .Set("ready", pod.Ready)
            .Set("phase", pod.Phase)
            .Set("node_name", pod.NodeName)
            .Set("host_ip", pod.HostIp)
            .Set("uid", pod.Meta.Uid)
            .Add(pod.Meta.LabelsAs("pod"));
        if (pod.Meta.Controller is not { } controller)
        {
            return labels.Build();
        }
        labels.Set("controller_kind", controller.Kind).Set("controller_name", controller.Name);
        var key = ObjectMeta.KeyOf(pod.Meta.Namespace, controller.Name);
        if (controller.Kind == "ReplicaSet" && attached.Deployment)
        {
            labels.Set("deployment_name", NameOfController(replicaSets, key, "Deployment"));
        }
        if (controller.Kind == "Job")
        {
            labels.Set("job_name", attached.Job ? controller.Name : "");
            labels.Set("cronjob_name", attached.CronJob ? NameOfController(jobs, key, "CronJob") : "");
        }
        return labels.Build();
    }

    private static string NameOfController(Dictionary<string, ObjectMeta> known, string key, string kind) =>
        known.GetValueOrDefault(key)?.Controller is { } controller && controller.Kind == kind ? controller.Name : "";

    private static void AddAll(Dictionary<string, ObjectMeta> known, IEnumerable<ObjectMeta> all)
    {
        foreach (var meta in all)
        {
            known[meta.Key] = meta;
        }
    }
}
