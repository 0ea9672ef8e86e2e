using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What an operation on the state came to, without throwing: exceptions are thrown only where they are awaited.</summary>
internal readonly record struct Outcome<T>(T Value, StoreException? Error)
{
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(StoreException error) => new(default!, error);
}

/// <summary>The answer to an operation that has none.</summary>
internal readonly record struct Done;
