using System.Globalization;
using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Configuration;

/// <summary>Kubernetes, DNS and Azure discovery as <c>/api/v1/status/config</c> shows them: Prometheus' order, defaults filled in.</summary>
internal static class EffectiveServiceDiscovery
{
    /// <summary>An item of <c>kubernetes_sd_configs</c>.</summary>
    /// <param name="config">What is in effect.</param>
    /// <param name="written">The item as it is written.</param>
    public static YamlMapping OfKubernetes(KubernetesSdConfig config, Section written)
    {
        var output = new YamlBuilder();
        AddWritten(output, written, "api_server");
        output.Add("role", ServiceDiscoveryReader.NameOf(config.Role));
        output.Add("kubeconfig_file", config.KubeconfigFile ?? "");
        EffectiveHttp.Add(output, written, config.Http.FollowRedirects, config.Http.EnableHttp2);
        if (config.HasOwnNamespace || config.Namespaces.Count > 0)
        {
            var namespaces = new YamlBuilder()
                .Add("own_namespace", config.HasOwnNamespace)
                .Add("names", YamlBuilder.List(config.Namespaces.Select(YamlBuilder.Scalar)));
            output.Add("namespaces", namespaces.Build());
        }
        output.AddList("selectors", [.. config.Selectors.Select(OfSelector)]);
        if (config.AttachMetadata != new KubernetesMetadata())
        {
            var metadata = new YamlBuilder()
                .Add("node", config.AttachMetadata.Node)
                .Add("namespace", config.AttachMetadata.Namespace)
                .Add("deployment", config.AttachMetadata.Deployment)
                .Add("job", config.AttachMetadata.Job)
                .Add("cronjob", config.AttachMetadata.CronJob);
            output.Add("attach_metadata", metadata.Build());
        }
        return output.Build();
    }

    /// <summary>An item of <c>dns_sd_configs</c>.</summary>
    /// <param name="config">What is in effect.</param>
    /// <param name="written">The item as it is written.</param>
    public static YamlMapping OfDns(DnsSdConfig config, Section written) =>
        new YamlBuilder()
            .AddList("names", [.. config.Names.Select(Redaction.OfText)])
            .Add("refresh_interval", DurationText.Format(config.RefreshInterval))
            .Add("type", written.NonEmptyText("type") ?? "SRV")
            .Add("port", Number(config.Port))
            .Build();

    /// <summary>An item of <c>azure_sd_configs</c>.</summary>
    /// <param name="config">What is in effect.</param>
    /// <param name="written">The item as it is written.</param>
    public static YamlMapping OfAzure(AzureSdConfig config, Section written)
    {
        var output = new YamlBuilder()
            .Add("environment", Redaction.OfText(config.Environment))
            .Add("port", Number(config.Port));
        AddWritten(output, written, "subscription_id", "tenant_id", "client_id", "client_secret");
        output
            .Add("refresh_interval", DurationText.Format(config.RefreshInterval))
            .Add("authentication_method", written.NonEmptyText("authentication_method") ?? "OAuth");
        AddWritten(output, written, "resource_group");
        EffectiveHttp.Add(output, written, config.Http.FollowRedirects, config.Http.EnableHttp2);
        return output.Build();
    }

    private static YamlMapping OfSelector(KubernetesSelector selector) =>
        new YamlBuilder()
            .Add("role", ServiceDiscoveryReader.NameOf(selector.Role))
            .Add("label", selector.Label.Length == 0 ? null : selector.Label)
            .Add("field", selector.Field.Length == 0 ? null : selector.Field)
            .Build();

    private static void AddWritten(YamlBuilder output, Section written, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (written.Has(field))
            {
                output.Add(field, Redaction.OfField(field, written.Field(field)!, written.Errors));
            }
        }
    }

    private static YamlScalar Number(long value) =>
        new(value.ToString(CultureInfo.InvariantCulture), IsPlain: true, default);
}
