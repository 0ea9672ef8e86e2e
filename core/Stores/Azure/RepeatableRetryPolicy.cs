using Azure.Core;
using Azure.Core.Pipeline;

namespace Tributary.Stores.Azure;

/// <summary>The pipeline's retry, for repeatable calls only: a repeated write could meet its own first try.</summary>
internal sealed class RepeatableRetryPolicy(AzureRequestOptions options)
    : RetryPolicy(
        options.ReadRetries,
        DelayStrategy.CreateExponentialDelayStrategy(options.RetryDelay, TimeSpan.FromSeconds(10))
    )
{
    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        IsRepeatable(message) && base.ShouldRetry(message, exception);

    protected override ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        IsRepeatable(message) ? base.ShouldRetryAsync(message, exception) : ValueTask.FromResult(false);

    private static bool IsRepeatable(HttpMessage message) => StorageCall.Of(message) is { Repeatable: true };
}
