using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Security;

namespace Tributary.Functions.Diagnosis;

/// <summary>Who may ask our own endpoints, and the certificate that they are served with.</summary>
/// <param name="settings">Where a server listens.</param>
/// <param name="config">Users, tokens, certificate.</param>
/// <param name="time">The clock.</param>
internal sealed class AccessCheck(Settings settings, CollectorConfig config, TimeProvider time)
{
    private static readonly TimeSpan SoonOver = TimeSpan.FromDays(14);

    /// <summary>Looks.</summary>
    /// <exception cref="CommandException">A hash, a token or the certificate cannot be used.</exception>
    public void Run(FindingList findings)
    {
        WebConfigCheck.Check(config.Web);
        var hasCredentials = config.Web.HasCredentials;
        const string advice =
            "Add users or bearer_tokens to tributary.web (docs/security.md; tributary hash-password makes hashes).";
        if (settings.Host is { IsLocal: false } && !hasCredentials)
        {
            findings.Warn(
                "no users and no tokens: behind the Functions host every address with data answers 401",
                advice
            );
        }
        else if (settings.Host is null && !settings.Listen.IsLoopback && !hasCredentials)
        {
            findings.Warn(
                $"no users and no tokens, and the server listens on {settings.Listen}: everybody who reaches it reads everything",
                advice
            );
        }
        else
        {
            findings.Ok(
                hasCredentials ? "credentials are needed"
                : settings.Host is null
                    ? $"no credentials are needed; the server listens on {settings.Listen}, which only this machine reaches"
                : "no credentials are needed on a developer's machine"
            );
        }
        if (
            hasCredentials
            && settings.Host is null
            && !settings.Listen.IsLoopback
            && config.Web.TlsCertificateFile is null
        )
        {
            findings.Warn(
                "passwords and tokens come over the network without TLS",
                "Add tributary.web.tls_server_config, or put a proxy with TLS in front and listen on 127.0.0.1."
            );
        }
        CheckCertificate(findings);
    }

    private void CheckCertificate(FindingList findings)
    {
        if (settings.Host is not null || config.Web.TlsCertificateFile is not { } file)
        {
            return;
        }
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            var end = certificate.NotAfter.ToUniversalTime();
            var left = end - time.GetUtcNow().UtcDateTime;
            var text = $"the certificate {file} ends at {end:yyyy-MM-dd HH:mm:ss}Z";
            if (left <= TimeSpan.Zero)
            {
                findings.Fail(text, "Renew it: nobody connects to the server any more.");
            }
            else if (left < SoonOver)
            {
                findings.Warn(text, "Renew it; a server takes the new files by itself.");
            }
            else
            {
                findings.Ok(text);
            }
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            findings.Fail($"the certificate {file} cannot be read: {exception.Message}", "");
        }
    }
}
