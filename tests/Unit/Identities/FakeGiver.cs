using Tributary.Identities;

namespace Tributary.Tests.Unit.Identities;

/// <summary>Gives numbered tokens, or what a test says; it counts who asks.</summary>
internal sealed class FakeGiver(TimeProvider time) : ITokenGiver
{
    private readonly List<(AzureIdentity Identity, string Scope)> asked = [];

    /// <summary>How long its tokens last.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Its failure; null is none.</summary>
    public Func<AzureIdentity, IdentityException?> Failure { get; set; } = _ => null;

    /// <summary>What it waits for before it answers.</summary>
    public Task Wait { get; set; } = Task.CompletedTask;

    /// <summary>Whether every token is the same.</summary>
    public bool IsMonotonous { get; set; }

    /// <summary>Whether the machine seems to have an endpoint.</summary>
    public bool HasMachine { get; set; }

    /// <summary>Who asked for what, in order.</summary>
    public IReadOnlyList<(AzureIdentity Identity, string Scope)> Asked
    {
        get
        {
            lock (asked)
            {
                return [.. asked];
            }
        }
    }

    public async Task<FetchedToken> AskAsync(AzureIdentity identity, string scope, CancellationToken cancellationToken)
    {
        int number;
        lock (asked)
        {
            asked.Add((identity, scope));
            number = asked.Count;
        }
        await Wait;
        return Failure(identity) is { } failure
            ? throw failure
            : new FetchedToken($"token-{(IsMonotonous ? 1 : number)}", time.GetUtcNow() + Lifetime);
    }

    public Task<bool> HasMachineEndpointAsync(CancellationToken cancellationToken) => Task.FromResult(HasMachine);

    /// <summary>A pool that asks it, in an environment.</summary>
    public TokenPool Pool(Func<string, string?>? environment = null) => new(time, environment ?? (_ => null), this);
}
