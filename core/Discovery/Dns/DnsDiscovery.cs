using System.Net;
using System.Net.Sockets;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Discovery.Dns;

/// <summary>Targets that the DNS knows of (<c>dns_sd_configs</c>): a name that cannot be looked up keeps what it had.</summary>
/// <remarks>
/// Addresses are looked up by the system's resolver, other records by our own.
/// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#dns_sd_config
/// </remarks>
public sealed class DnsDiscovery : TargetProvider
{
    /// <summary>The most targets of a name.</summary>
    public const int MaxTargets = 10_000;

    private const string ResolverFile = "/etc/resolv.conf";
    private const string Prefix = "__meta_dns_";

    /// <summary>The host of a record that says that there is none.</summary>
    private const string NoHost = ".";

    /// <summary>Names that are looked up at once.</summary>
    private const int MaxAtOnce = 16;

    /// <summary>So many names that cannot be looked up are told.</summary>
    private const int MaxProblems = 10;

    /// <summary>The limit of the system's resolver, which has one of its own that it does not tell.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly DnsSdConfig config;
    private readonly TimeProvider time;
    private readonly DnsResolver resolver;
    private readonly Func<string, AddressFamily, CancellationToken, Task<IPAddress[]>> addresses;
    private readonly Dictionary<string, TargetGroup> known = new(StringComparer.Ordinal);

    /// <summary>A discovery that has looked nothing up yet.</summary>
    /// <param name="config">What is looked up.</param>
    /// <param name="time">The clock of timeouts.</param>
    public DnsDiscovery(DnsSdConfig config, TimeProvider time)
        : this(
            config,
            time,
            new DnsResolver(() => ResolverConfig.Load(ResolverFile), time),
            System.Net.Dns.GetHostAddressesAsync
        ) { }

    internal DnsDiscovery(
        DnsSdConfig config,
        TimeProvider time,
        DnsResolver resolver,
        Func<string, AddressFamily, CancellationToken, Task<IPAddress[]>> addresses
    )
        : base(config.RefreshInterval)
    {
        this.config = config;
        this.time = time;
        this.resolver = resolver;
        this.addresses = addresses;
    }

    /// <inheritdoc/>
    public override string Mechanism => "dns";

    /// <summary>Names looked up since the start.</summary>
    public long Lookups { get; private set; }

    /// <inheritdoc/>
    public override async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var names = config.Names.Distinct(StringComparer.Ordinal).ToList();
        foreach (var some in names.Chunk(MaxAtOnce))
        {
            foreach (
                var (name, targets, problem) in await Task.WhenAll(some.Select(n => FindAsync(n, cancellationToken)))
            )
            {
                Lookups++;
                Take(name, targets, problem, problems);
            }
        }
        List<TargetGroup> groups = [.. names.Select(known.GetValueOrDefault).OfType<TargetGroup>()];
        var hasChanged = !TargetGroup.AreSame(groups, Groups);
        Groups = hasChanged ? groups : Groups;
        Problems = problems;
        return hasChanged;
    }

    private void Take(string name, IReadOnlyList<LabelSet> targets, string? problem, List<string> problems)
    {
        if (problem is null)
        {
            known[name] = new TargetGroup(name, targets, LabelSet.Empty);
            return;
        }
        Failures++;
        if (problems.Count < MaxProblems)
        {
            var kept = known.GetValueOrDefault(name) is { Targets.Count: > 0 } ? "; its former targets are kept" : "";
            problems.Add($"dns_sd: {Words.Quote(name)}: {problem}{kept}");
        }
    }

    private async Task<(string Name, IReadOnlyList<LabelSet> Targets, string? Problem)> FindAsync(
        string name,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var targets = config.Type is DnsRecordType.A or DnsRecordType.Aaaa
                ? await AddressesAsync(name, cancellationToken)
                : await RecordsAsync(name, cancellationToken);
            return targets.Count <= MaxTargets
                ? (name, targets, null)
                : (name, [], $"it has {targets.Count} records; {MaxTargets} is the most");
        }
        catch (DnsException exception)
        {
            return (name, [], exception.Message);
        }
    }

    private async Task<IReadOnlyList<LabelSet>> AddressesAsync(string name, CancellationToken cancellationToken)
    {
        var family = config.Type is DnsRecordType.A ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        try
        {
            var found = await addresses(name, family, cancellationToken).WaitAsync(Timeout, time, cancellationToken);
            return
            [
                .. found
                    .Select(address => address.ToString())
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Select(address => Target(name, address, config.Port).Build()),
            ];
        }
        catch (SocketException exception)
            when (exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            return [];
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new DnsException($"the system's resolver failed: {exception.Message}", exception);
        }
        catch (TimeoutException exception)
        {
            throw new DnsException($"the system's resolver has no answer within {Timeout.TotalSeconds} s", exception);
        }
    }

    /// <summary>Servers give records in an order that changes; targets are in one that does not.</summary>
    private async Task<IReadOnlyList<LabelSet>> RecordsAsync(string name, CancellationToken cancellationToken)
    {
        var records = await resolver.LookUpAsync(name, config.Type, cancellationToken);
        return
        [
            .. records
                .Where(record => record.Host != NoHost)
                .Distinct()
                .OrderBy(record => record.Host, StringComparer.Ordinal)
                .ThenBy(record => record.Port)
                .Select(record => ToTarget(name, record)),
        ];
    }

    private LabelSet ToTarget(string name, DnsRecord record)
    {
        var isService = config.Type is DnsRecordType.Srv;
        var target = Target(name, record.Host.TrimEnd('.'), isService ? record.Port : config.Port);
        var labels = config.Type switch
        {
            DnsRecordType.Srv => target.Set("srv_record_target", record.Host).Set("srv_record_port", record.Port),
            DnsRecordType.Mx => target.Set("mx_record_target", record.Host),
            _ => target.Set("ns_record_target", record.Host),
        };
        return labels.Build();
    }

    private static MetaLabels Target(string name, string host, long port) =>
        new MetaLabels(Prefix).SetAddress(MetaLabels.HostAndPort(host, port)).Set("name", name);
}
