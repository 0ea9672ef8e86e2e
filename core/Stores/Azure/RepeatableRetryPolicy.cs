using System.Net.Http.Headers;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Tributary.Stores.Azure;

/// <summary>
/// The pipeline's retry, for repeatable calls only: a repeated write could meet its own first try. A service that asks for
/// more patience than a caller has gets no further try: the caller comes again by itself.
/// </summary>
internal sealed class RepeatableRetryPolicy(AzureRequestOptions options)
    : RetryPolicy(
        options.ReadRetries,
        DelayStrategy.CreateExponentialDelayStrategy(options.RetryDelay, TimeSpan.FromSeconds(10))
    )
{
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(30);

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        IsRepeatable(message) && base.ShouldRetry(message, exception);

    protected override ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        IsRepeatable(message) ? base.ShouldRetryAsync(message, exception) : ValueTask.FromResult(false);

    private static bool IsRepeatable(HttpMessage message) =>
        StorageCall.Of(message) is { Repeatable: true }
        && (!message.HasResponse || AskedFor(message.Response) <= MostPatience);

    private static TimeSpan AskedFor(Response response) =>
        response.Headers.TryGetValue("Retry-After", out var text)
        && RetryConditionHeaderValue.TryParse(text, out var after)
            ? after.Delta ?? (after.Date - (response.Headers.Date ?? DateTimeOffset.MinValue)) ?? TimeSpan.Zero
            : TimeSpan.Zero;
}
