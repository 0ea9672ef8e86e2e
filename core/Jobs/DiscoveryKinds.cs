using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery;
using Tributary.Discovery.Azure;
using Tributary.Discovery.Dns;
using Tributary.Discovery.Kubernetes;
using Tributary.HttpClients;

namespace Tributary.Jobs;

/// <summary>Makes the discoveries that jobs ask for, and tells which of them are equal.</summary>
/// <param name="http">Makes the HTTP client of a discovery; the discovery disposes it.</param>
/// <param name="time">The clock.</param>
internal sealed class DiscoveryKinds(Func<HttpClientConfig, HttpMessageInvoker> http, TimeProvider time)
{
    /// <summary>The sections of a job, each with what makes a discovery of it.</summary>
    public IEnumerable<WantedDiscovery> Of(ScrapeConfig job) =>
        [
            .. job.FileSdConfigs.Select(files => Want(files, IsSame, () => new FileDiscovery(files))),
            .. job.HttpSdConfigs.Select(web => Want(web, IsSame, () => new HttpDiscovery(web, http(web.Http), time))),
            .. job.KubernetesSdConfigs.Select(cluster =>
                Want(cluster, IsSame, () => new KubernetesDiscovery(cluster, http, time))
            ),
            .. job.DnsSdConfigs.Select(names => Want(names, IsSame, () => new DnsDiscovery(names, time))),
            .. job.AzureSdConfigs.Select(cloud =>
                Want(cloud, IsSame, () => new AzureDiscovery(cloud, http(cloud.Http), time))
            ),
        ];

    private static WantedDiscovery Want<T>(T config, Func<T, T, bool> isSame, Func<TargetProvider> create)
        where T : class => new(config, other => other is T known && isSame(known, config), create);

    private static bool IsSame(FileSdConfig left, FileSdConfig right) =>
        left.RefreshInterval == right.RefreshInterval && left.Files.SequenceEqual(right.Files, StringComparer.Ordinal);

    private static bool IsSame(HttpSdConfig left, HttpSdConfig right) =>
        left.RefreshInterval == right.RefreshInterval
        && string.Equals(left.Url.OriginalString, right.Url.OriginalString, StringComparison.Ordinal)
        && IsSame(left.Http, right.Http);

    private static bool IsSame(KubernetesSdConfig left, KubernetesSdConfig right) =>
        left.Role == right.Role
        && string.Equals(left.ApiServer?.OriginalString, right.ApiServer?.OriginalString, StringComparison.Ordinal)
        && string.Equals(left.KubeconfigFile, right.KubeconfigFile, StringComparison.Ordinal)
        && IsSame(left.Http, right.Http)
        && left.HasOwnNamespace == right.HasOwnNamespace
        && left.Namespaces.SequenceEqual(right.Namespaces, StringComparer.Ordinal)
        && left.Selectors.SequenceEqual(right.Selectors)
        && left.AttachMetadata == right.AttachMetadata;

    private static bool IsSame(DnsSdConfig left, DnsSdConfig right) =>
        (left.Type, left.Port, left.RefreshInterval) == (right.Type, right.Port, right.RefreshInterval)
        && left.Names.SequenceEqual(right.Names, StringComparer.Ordinal);

    private static bool IsSame(AzureSdConfig left, AzureSdConfig right) =>
        left with { Http = right.Http } == right && IsSame(left.Http, right.Http);

    private static bool IsSame(HttpClientConfig left, HttpClientConfig right) =>
        HttpClientKey.Of(left).Equals(HttpClientKey.Of(right));
}

/// <summary>A discovery that a job asks for.</summary>
/// <param name="Config">Its section of the configuration.</param>
/// <param name="IsSame">Whether another section says the same.</param>
/// <param name="Create">Makes it.</param>
internal sealed record WantedDiscovery(object Config, Func<object, bool> IsSame, Func<TargetProvider> Create);
