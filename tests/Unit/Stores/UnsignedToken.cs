using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Azure.Core;

namespace Tributary.Tests.Unit.Stores;

/// <summary>Gives tokens as Entra makes them, but that nobody has signed them.</summary>
public sealed class UnsignedToken : TokenCredential
{
    /// <summary>The audience of storage accounts.</summary>
    public const string Storage = "https://storage.azure.com";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>A token for an audience, from a minute ago on.</summary>
    /// <remarks>https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference</remarks>
    public static string Make(string audience, DateTimeOffset expires)
    {
        var from = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds();
        var until = expires.ToUnixTimeSeconds();
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"aud":"{{audience}}","iss":"https://sts.windows.net/{{Guid.Empty}}/","iat":{{from}},"nbf":{{from}},"exp":{{until}},"uti":"{{Guid.NewGuid()}}"}"""
        );
        return $"{Encoded("""{"alg":"RS256","typ":"JWT"}""")}.{Encoded(claims)}.{Encoded("nobody")}";
    }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        Give(requestContext);

    public override ValueTask<AccessToken> GetTokenAsync(
        TokenRequestContext requestContext,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult(Give(requestContext));

    private static AccessToken Give(TokenRequestContext requestContext)
    {
        Assert.Equal([$"{Storage}/.default"], requestContext.Scopes);
        var expires = DateTimeOffset.UtcNow + Lifetime;
        return new AccessToken(Make(Storage, expires), expires);
    }

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
