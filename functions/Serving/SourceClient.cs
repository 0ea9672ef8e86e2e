namespace Tributary.Functions.Serving;

/// <summary>The HTTP client that sources are asked with.</summary>
internal static class SourceClient
{
    private const int MaxRedirects = 10;

    /// <summary>A handler that keeps connections, and does nothing that a scrape does not need.</summary>
    public static SocketsHttpHandler Create() =>
        new()
        {
            AllowAutoRedirect = true,
            MaxAutomaticRedirections = MaxRedirects,
            // Names are looked up again now and then, so that a source may move.
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        };
}
