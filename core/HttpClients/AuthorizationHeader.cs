using System.Text;
using Tributary.Configuration.Http;

namespace Tributary.HttpClients;

/// <summary>The value of the header <c>Authorization</c>, made anew for every request.</summary>
internal sealed class AuthorizationHeader : IDisposable
{
    private readonly string scheme;
    private readonly SecretText? user;
    private readonly SecretText? secret;
    private readonly TokenSource? tokens;
    private readonly EntraTokens? azure;

    private AuthorizationHeader(string scheme, SecretText? user, SecretText? secret, TokenSource? tokens = null)
    {
        this.scheme = scheme;
        this.user = user;
        this.secret = secret;
        this.tokens = tokens;
    }

    private AuthorizationHeader(EntraTokens azure)
        : this("", null, null) => this.azure = azure;

    /// <summary>What a configuration asks for; null when it has no way to authenticate.</summary>
    public static AuthorizationHeader? Of(
        HttpClientConfig config,
        Func<OAuth2Config, TokenSource> createTokens,
        Func<AzureAdConfig, EntraTokens> createAzure
    )
    {
        if (config.BasicAuth is { } basic)
        {
            return new AuthorizationHeader(
                "Basic",
                new SecretText(basic.Username, "basic_auth.username"),
                SecretText.Of(basic.Password, "basic_auth.password")
            );
        }
        if (config.Authorization is { } header)
        {
            var credentials = new SecretText(header.Credentials, "authorization.credentials");
            return new AuthorizationHeader(header.Type, null, credentials);
        }
        if (config.AzureAd is { } entra)
        {
            return new AuthorizationHeader(createAzure(entra));
        }
        return config.OAuth2 is { } oauth2 ? new AuthorizationHeader("", null, null, createTokens(oauth2)) : null;
    }

    /// <summary>The value for user name and password in an address.</summary>
    public static string OfUserInfo(string userInfo)
    {
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        var (name, password) = colon < 0 ? (userInfo, "") : (userInfo[..colon], userInfo[(colon + 1)..]);
        return Basic(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password));
    }

    /// <summary>The value of <c>Basic</c>, in UTF-8.</summary>
    public static string Basic(string user, string password) =>
        $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";

    /// <summary>The value for a request.</summary>
    /// <exception cref="HttpClientException">A file can not be read, or no token is to be had.</exception>
    public async ValueTask<string> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (azure is not null)
        {
            return await azure.GetAsync(cancellationToken);
        }
        if (tokens is not null)
        {
            return await tokens.GetAsync(request, cancellationToken);
        }
        return user is null ? $"{scheme} {secret?.ReadHeader()}" : Basic(user.Read(), secret?.Read() ?? "");
    }

    /// <summary>Another value in place of one that a server answered with 401; null when there is none.</summary>
    public ValueTask<string?> ReplaceAsync(string refused, CancellationToken cancellationToken) =>
        azure?.ReplaceAsync(refused, cancellationToken) ?? new ValueTask<string?>((string?)null);

    public void Dispose() => tokens?.Dispose();
}
