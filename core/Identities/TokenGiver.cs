namespace Tributary.Identities;

/// <summary>The outside world's givers of tokens: the endpoint beside an app, that of a machine, Microsoft Entra, the Azure CLI.</summary>
/// <param name="environment">Looks up an environment variable.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenGiver(Func<string, string?> environment, TimeProvider time) : ITokenGiver
{
    /// <summary>The longest that anybody waits for a token: endpoints that answer do so within a second.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly ManagedEndpoint managed = new(environment, time);

    public async Task<FetchedToken> AskAsync(AzureIdentity identity, string scope, CancellationToken cancellationToken)
    {
        if (identity.Kind == IdentityKind.Managed && managed.IsKnown)
        {
            return await managed.AskAsync(identity, scope, cancellationToken);
        }
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await EntraCredentials.AskAsync(identity, scope, either.Token);
        }
        catch (OperationCanceledException problem) when (limit.IsCancellationRequested)
        {
            throw new IdentityException(
                $"{identity} was given no token within {Limit.TotalSeconds} s; it is asked for again",
                isPassing: true,
                problem
            );
        }
    }

    public Task<bool> HasMachineEndpointAsync(CancellationToken cancellationToken) =>
        managed.IsReachableAsync(cancellationToken);
}
