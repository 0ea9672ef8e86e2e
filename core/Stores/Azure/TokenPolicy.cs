using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Tributary.Identities;

namespace Tributary.Stores.Azure;

/// <summary>Proves who asks by a token; one that the service does not accept is replaced, and the request sent once more.</summary>
/// <param name="tokens">The tokens for storage.</param>
internal sealed class TokenPolicy(TokenKeeper tokens) : HttpPipelinePolicy
{
    /// <summary>The audience of all storage accounts, in every cloud.</summary>
    public const string Scope = "https://storage.azure.com/.default";

    private const string Refused = "AuthenticationFailed";

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("requests to stores are asynchronous");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (message.Request.Uri.Scheme != Uri.UriSchemeHttps)
        {
            throw new InvalidOperationException("tokens are sent by https only");
        }
        var token = await tokens.GetAsync(message.CancellationToken);
        await SendAsync(message, pipeline, token);
        if (IsRefused(message.Response) && await tokens.ReplaceAsync(token, message.CancellationToken) is { } other)
        {
            // Who is not known has changed nothing: also a write may be sent again.
            message.Response.Dispose();
            await SendAsync(message, pipeline, other);
        }
    }

    private static ValueTask SendAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline, string token)
    {
        message.Request.Headers.SetValue("Authorization", "Bearer " + token);
        return ProcessNextAsync(message, pipeline);
    }

    /// <summary>Whether it is the token that is wrong; a role that is missing has another code.</summary>
    private static bool IsRefused(Response response) =>
        response.Status == 401
        || (
            response.Status == 403
            && response.Headers.TryGetValue("x-ms-error-code", out var code)
            && string.Equals(code, Refused, StringComparison.OrdinalIgnoreCase)
        );
}
