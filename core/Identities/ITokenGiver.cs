namespace Tributary.Identities;

/// <summary>Who gives tokens in the outside world.</summary>
internal interface ITokenGiver
{
    /// <summary>Asks for a token; bounds its own time.</summary>
    /// <param name="identity">For whom; its kind is not <see cref="IdentityKind.Found"/>.</param>
    /// <param name="scope">For what, as <c>AUDIENCE/.default</c>.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="IdentityException">There is none.</exception>
    Task<FetchedToken> AskAsync(AzureIdentity identity, string scope, CancellationToken cancellationToken);

    /// <summary>Whether the machine seems to have an endpoint for managed identities.</summary>
    Task<bool> HasMachineEndpointAsync(CancellationToken cancellationToken);
}
