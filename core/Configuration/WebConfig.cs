using Tributary.Configuration.Http;

namespace Tributary.Configuration;

/// <summary>Who may use our own endpoints: the section <c>tributary.web</c>.</summary>
public sealed record WebConfig
{
    /// <summary>Password hashes by user name, as <c>tributary hash-password</c> makes them.</summary>
    public IReadOnlyDictionary<string, Secret> Users { get; init; } =
        new Dictionary<string, Secret>(StringComparer.Ordinal);

    /// <summary>Tokens, each of which opens everything.</summary>
    public IReadOnlyList<Secret> BearerTokens { get; init; } = [];

    /// <summary>The PEM certificate chain to serve with, a path; null is no TLS.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary>The PEM key of the certificate, a path; null is no TLS.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>Whether <c>/api/v1/admin/…</c> is served, as with Prometheus' <c>--web.enable-admin-api</c>.</summary>
    public bool EnableAdminApi { get; init; }

    /// <summary>Whether <c>/api/v1/write</c> is served, as with Prometheus' <c>--web.enable-remote-write-receiver</c>.</summary>
    public bool EnableRemoteWriteReceiver { get; init; }

    /// <summary>Whether anybody has to say who they are.</summary>
    public bool HasCredentials => Users.Count > 0 || BearerTokens.Count > 0;
}
