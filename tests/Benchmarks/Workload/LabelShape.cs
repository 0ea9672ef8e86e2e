namespace Tributary.Benchmarks.Workload;

/// <summary>Who exposes a family, and therefore which labels it has.</summary>
internal enum LabelShape
{
    KubePod,
    KubeDeployment,
    Container,
    Node,
    App,
    ApiServer,
    Rule,
}
