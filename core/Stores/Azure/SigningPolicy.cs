using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Tributary.Stores.Azure;

/// <summary>Dates each attempt and proves who asks: by key, by signature, or (date only) by a token that another policy adds.</summary>
internal sealed class SigningPolicy(AzureAccount account, Func<string, Request, string> stringToSign, TimeProvider time)
    : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        request.Headers.SetValue("x-ms-date", time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        if (account.Key is { } key)
        {
            var text = stringToSign(account.Name, request);
            request.Headers.SetValue("Authorization", SharedKey.Authorization(account, key, text));
        }
    }
}
