using System.Globalization;
using System.Net;

namespace Tributary.Discovery.Dns;

/// <summary>Which servers are asked, and under which names: what <c>/etc/resolv.conf</c> says.</summary>
/// <remarks>https://man7.org/linux/man-pages/man5/resolv.conf.5.html</remarks>
/// <param name="Servers">The servers, in their order.</param>
/// <param name="Search">The domains that a short name may be in.</param>
/// <param name="MinDots">A name with so many dots is tried as a whole one first.</param>
internal sealed record ResolverConfig(IReadOnlyList<IPEndPoint> Servers, IReadOnlyList<string> Search, int MinDots)
{
    private const int DnsPort = 53;
    private const int MaxServers = 16;
    private const int MaxDomains = 64;
    private const int MaxMinDots = 15;
    private const int MaxBytes = 1 << 20;
    private const string DotsOption = "ndots:";

    private static readonly char[] Blanks = [' ', '\t', '\r'];

    /// <summary>Reads the file.</summary>
    /// <exception cref="DnsException">It cannot be read, or names no server.</exception>
    public static ResolverConfig Load(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes
                ? Parse(File.ReadAllText(path), path)
                : throw new DnsException($"{path} is longer than {MaxBytes} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DnsException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a text; what is not understood is passed over, as resolvers do.</summary>
    /// <exception cref="DnsException">It names no server.</exception>
    public static ResolverConfig Parse(string text, string path)
    {
        var servers = new List<IPEndPoint>();
        List<string> search = [];
        var minDots = 1;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith('#') || line.StartsWith(';'))
            {
                continue;
            }
            var words = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["nameserver", var address, ..] when IPAddress.TryParse(address, out var ip):
                    servers.Add(new IPEndPoint(ip, DnsPort));
                    break;
                case ["domain", var domain, ..]:
                    search = [domain];
                    break;
                case ["search", .. var domains]:
                    search = [.. domains.Take(MaxDomains)];
                    break;
                case ["options", .. var options]:
                    minDots = options.Select(MinDotsOf).LastOrDefault(dots => dots is not null) ?? minDots;
                    break;
                default:
                    break;
            }
        }
        return servers.Count > 0
            ? new ResolverConfig([.. servers.Take(MaxServers)], search, minDots)
            : throw new DnsException($"{path} names no server (nameserver ADDRESS)");
    }

    /// <summary>The whole names that a name may stand for, the likeliest first.</summary>
    /// <exception cref="DnsException">It is no name.</exception>
    public IReadOnlyList<string> NamesFor(string name)
    {
        if (name.EndsWith('.'))
        {
            return [name];
        }
        var whole = name + ".";
        var within = Search.Select(domain => $"{name}.{domain.Trim('.')}.").Distinct(StringComparer.Ordinal);
        return DnsName.CountParts(name) > MinDots ? [whole, .. within] : [.. within, whole];
    }

    private static int? MinDotsOf(string option) =>
        option.StartsWith(DotsOption, StringComparison.Ordinal)
        && int.TryParse(option.AsSpan(DotsOption.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var dots)
            ? Math.Min(dots, MaxMinDots)
            : null;
}
