namespace Tributary.Identities;

/// <summary>Where an identity gets its tokens. Which one this process has is looked for once, and remembered when it was given a token.</summary>
/// <param name="identity">The identity.</param>
/// <param name="environment">Looks up an environment variable.</param>
/// <param name="giver">Who gives tokens.</param>
internal sealed class IdentitySource(AzureIdentity identity, Func<string, string?> environment, ITokenGiver giver)
{
    private AzureIdentity? chosen;

    /// <summary>Who it is, as far as that is known.</summary>
    public AzureIdentity Identity => Volatile.Read(ref chosen) ?? identity;

    /// <summary>Asks for a token.</summary>
    /// <exception cref="IdentityException">There is none.</exception>
    public async Task<FetchedToken> FetchAsync(string scope, CancellationToken cancellationToken)
    {
        if ((Volatile.Read(ref chosen) ?? IdentityChoice.Of(identity, environment)) is { } known)
        {
            Volatile.Write(ref chosen, known);
            return await giver.AskAsync(known, scope, cancellationToken);
        }
        var reason = "no variable names one, and this machine has no endpoint for managed identities";
        if (await giver.HasMachineEndpointAsync(cancellationToken))
        {
            try
            {
                return await TakeAsync(IdentityKind.Managed, scope, cancellationToken);
            }
            catch (IdentityException problem) when (!problem.IsPassing)
            {
                reason = problem.Message;
            }
        }
        try
        {
            return await TakeAsync(IdentityKind.CommandLine, scope, cancellationToken);
        }
        catch (IdentityException problem)
        {
            throw new IdentityException(
                $"this process has no identity that gets a token ({reason}; {problem.Message}). Sign in (az login), give this "
                    + $"machine a managed identity, or say which one it is: {IdentityChoice.Variable}",
                problem.IsPassing,
                problem
            );
        }
    }

    private async Task<FetchedToken> TakeAsync(IdentityKind kind, string scope, CancellationToken cancellationToken)
    {
        var tried = IdentityChoice.As(kind, identity, environment);
        var token = await giver.AskAsync(tried, scope, cancellationToken);
        Volatile.Write(ref chosen, tried);
        return token;
    }
}
