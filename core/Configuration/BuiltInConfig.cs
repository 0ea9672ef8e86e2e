namespace Tributary.Configuration;

/// <summary>What is collected when there is no configuration: ourselves.</summary>
public static class BuiltInConfig
{
    /// <summary>The configuration that scrapes our own <c>/metrics</c> every 5 s.</summary>
    /// <param name="listenAddress">Where we listen, <c>host:port</c> or as a URL; a wildcard host means loopback.</param>
    public static CollectorConfig For(string listenAddress)
    {
        var schemeEnd = listenAddress.IndexOf("://", StringComparison.Ordinal);
        var scheme = schemeEnd < 0 ? "http" : listenAddress[..schemeEnd];
        var address = schemeEnd < 0 ? listenAddress : listenAddress[(schemeEnd + 3)..].TrimEnd('/');
        var portAt = address.LastIndexOf(':');
        var host = portAt < 0 ? address : address[..portAt];
        var local = host switch
        {
            "" or "*" or "+" or "0.0.0.0" => "127.0.0.1",
            "[::]" => "[::1]",
            _ => host,
        };
        return new CollectorConfig
        {
            ScrapeConfigs =
            [
                new ScrapeConfig
                {
                    JobName = "tributary",
                    Scheme = scheme,
                    ScrapeInterval = TimeSpan.FromSeconds(5),
                    ScrapeTimeout = TimeSpan.FromSeconds(5),
                    StaticConfigs = [new StaticConfig([local + address[host.Length..]], Model.LabelSet.Empty)],
                },
            ],
        };
    }
}
