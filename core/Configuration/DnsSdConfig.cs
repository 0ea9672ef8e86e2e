namespace Tributary.Configuration;

/// <summary>Targets that the DNS knows of.</summary>
/// <param name="Names">The names that are looked up.</param>
/// <param name="Type">The records that are looked for.</param>
/// <param name="Port">The port of the targets, where the records have none.</param>
/// <param name="RefreshInterval">How often they are looked up.</param>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#dns_sd_config</remarks>
public sealed record DnsSdConfig(IReadOnlyList<string> Names, DnsRecordType Type, long Port, TimeSpan RefreshInterval);

/// <summary>A kind of DNS records, by its number.</summary>
/// <remarks>https://www.iana.org/assignments/dns-parameters</remarks>
public enum DnsRecordType
{
    /// <summary>No kind.</summary>
    None = 0,

    /// <summary>IPv4 addresses.</summary>
    A = 1,

    /// <summary>Name servers.</summary>
    Ns = 2,

    /// <summary>Servers for mail.</summary>
    Mx = 15,

    /// <summary>IPv6 addresses.</summary>
    Aaaa = 28,

    /// <summary>Hosts and ports of a service.</summary>
    Srv = 33,
}
