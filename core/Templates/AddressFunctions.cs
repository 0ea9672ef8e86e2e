using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tributary.Templates;

/// <summary>Prometheus' functions for hosts, ports and links.</summary>
internal static class AddressFunctions
{
    private const int OctetsOfAddress = 4;

    /// <summary><c>[::1]:6006</c> → <c>::1</c>; what has no port stays.</summary>
    public static string StripPort(string address) => TrySplit(address, out var host, out _) ? host : address;

    /// <summary><c>web.example.org:80</c> → <c>web:80</c>; IP addresses stay.</summary>
    public static string StripDomain(string address)
    {
        if (!TrySplit(address, out var host, out var port))
        {
            (host, port) = (address, "");
        }
        if (IsIpAddress(host))
        {
            return address;
        }
        var first = host.Split('.')[0];
        return port.Length == 0 ? first
            : first.Contains(':', StringComparison.Ordinal) ? $"[{first}]:{port}"
            : $"{first}:{port}";
    }

    /// <summary>Where a query is shown, as a graph (tab 0) or as a table (tab 1).</summary>
    public static string Link(string query, int tab) =>
        string.Create(CultureInfo.InvariantCulture, $"/graph?g0.expr={EscapeFunctions.Query(query)}&g0.tab={tab}");

    /// <summary>The path of a URL.</summary>
    public static string PathOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && url.IndexOf('/', url.IndexOf("://", StringComparison.Ordinal) + 3) > 0
            ? Uri.UnescapeDataString(uri.AbsolutePath)
            : "";

    /// <summary>Takes <c>host:port</c> or <c>[host]:port</c> apart, as Go's <c>net.SplitHostPort</c>.</summary>
    private static bool TrySplit(string address, out string host, out string port)
    {
        (host, port) = ("", "");
        var colon = address.LastIndexOf(':');
        if (colon < 0)
        {
            return false;
        }
        var (from, behind) = (0, 0);
        if (address[0] == '[')
        {
            var close = address.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || close + 1 != colon)
            {
                return false;
            }
            (host, from, behind) = (address[1..close], 1, close + 1);
        }
        else
        {
            host = address[..colon];
            if (host.Contains(':', StringComparison.Ordinal))
            {
                return false;
            }
        }
        port = address[(colon + 1)..];
        return !address.AsSpan(from).Contains('[') && !address.AsSpan(behind).Contains(']');
    }

    private static bool IsIpAddress(string host)
    {
        if (host.Contains(':', StringComparison.Ordinal))
        {
            return !host.Contains('%', StringComparison.Ordinal)
                && host[0] != '['
                && IPAddress.TryParse(host, out var address)
                && address.AddressFamily is AddressFamily.InterNetworkV6;
        }
        var octets = host.Split('.');
        return octets.Length == OctetsOfAddress && Array.TrueForAll(octets, IsOctet);
    }

    private static bool IsOctet(string text) =>
        (text.Length == 1 || !text.StartsWith('0'))
        && byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
