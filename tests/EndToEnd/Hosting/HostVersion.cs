namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>The headers by which the host marks what it sends.</summary>
internal static class HostVersion
{
    public const string InvocationIdHeader = "X-Azure-Functions-InvocationId";
    public const string VersionHeader = "X-Azure-Functions-HostVersion";
    public const string ProxiedIdHeader = "x-ms-invocation-id";
    public const string Version = "4.1052.200.25000";
    public const string UserAgent = $"Azure-Functions-Host/{Version}";
}
