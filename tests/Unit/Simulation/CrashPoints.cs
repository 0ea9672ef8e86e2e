namespace Tributary.Tests.Unit.Simulation;

/// <summary>Kills the instance under test at every store call of a protocol, and checks what the next one finds.</summary>
/// <remarks>
/// Nothing else goes wrong. Both functions use <see cref="SimulatedWorld.Instance"/>, which is a new one in the second;
/// that second one also runs after a run without a kill.
/// </remarks>
internal static class CrashPoints
{
    /// <summary>Kills just before each call takes effect, and just after it did but before the caller sees it.</summary>
    /// <returns>How many store calls the protocol makes.</returns>
    /// <exception cref="SimulationFailedException">A check failed; the message names the crash point.</exception>
    public static int Enumerate(
        Func<SimulatedWorld, Task> protocol,
        Func<SimulatedWorld, Task> recoverAndCheck,
        ulong seed = 1
    )
    {
        var calls = 0;
        Attempt(
            "without a kill",
            seed,
            async world =>
            {
                await world.Instance.RunAsync(() => protocol(world));
                calls = world.Instance.Calls;
                await RecoverAsync(world, recoverAndCheck);
            }
        );
        for (var call = 1; call <= calls; call++)
        {
            foreach (var moment in new[] { KillMoment.BeforeEffect, KillMoment.AfterEffect })
            {
                var (number, when) = (call, moment);
                Attempt(
                    $"killed at call {call} of {calls}, {moment}",
                    seed,
                    async world =>
                    {
                        await KillAsync(world, protocol, number, when);
                        await RecoverAsync(world, recoverAndCheck);
                    }
                );
            }
        }
        return calls;
    }

    /// <summary>
    /// Kills at each call, which then lands while the next instance recovers: just before each of that one's calls, and
    /// after its last; then another instance recovers and checks again.
    /// </summary>
    /// <returns>How many pairs of calls were tried.</returns>
    /// <exception cref="SimulationFailedException">A check failed; the message names the crash point.</exception>
    public static int EnumerateLateLandings(
        Func<SimulatedWorld, Task> protocol,
        Func<SimulatedWorld, Task> recoverAndCheck,
        ulong seed = 1
    )
    {
        var tried = 0;
        for (var (call, calls) = (1, int.MaxValue); call <= calls; call++)
        {
            for (var (landing, recovery) = (1, int.MaxValue); landing <= recovery; landing++)
            {
                var (number, before) = (call, landing);
                Attempt(
                    $"killed at call {call}, which lands before call {landing} of the recovery",
                    seed,
                    async world =>
                    {
                        if (await world.Instance.RunAsync(() => KillAsync(world, protocol, number)))
                        {
                            calls = number - 1;
                            return;
                        }
                        recovery = await RecoverWithLandingAsync(world, recoverAndCheck, before) + 1;
                        await RecoverAsync(world, recoverAndCheck);
                        tried++;
                    }
                );
                if (calls < call)
                {
                    break;
                }
            }
        }
        return tried;
    }

    private static async Task KillAsync(
        SimulatedWorld world,
        Func<SimulatedWorld, Task> protocol,
        int call,
        KillMoment moment
    )
    {
        world.Instance.KillAtCall(call, moment);
        if (await world.Instance.RunAsync(() => protocol(world)))
        {
            throw new SimulationException($"call {call} was never made: the protocol does not repeat itself");
        }
    }

    private static Task KillAsync(SimulatedWorld world, Func<SimulatedWorld, Task> protocol, int call)
    {
        world.Instance.KillAtCall(call, KillMoment.Withheld);
        return protocol(world);
    }

    private static async Task RecoverAsync(SimulatedWorld world, Func<SimulatedWorld, Task> recoverAndCheck)
    {
        await world.SettleAsync();
        await world.Restart().RunAsync(() => recoverAndCheck(world));
    }

    private static async Task<int> RecoverWithLandingAsync(
        SimulatedWorld world,
        Func<SimulatedWorld, Task> recoverAndCheck,
        int before
    )
    {
        await world.SettleAsync();
        var recovering = world.Restart();
        world.OnArrival(
            (instance, call) =>
            {
                if (instance == recovering && call == before)
                {
                    world.LandWithheld();
                }
            }
        );
        await recovering.RunAsync(() => recoverAndCheck(world));
        world.LandWithheld();
        return recovering.Calls;
    }

    private static void Attempt(string crashPoint, ulong seed, Func<SimulatedWorld, Task> attempt)
    {
        var world = new SimulatedWorld(seed);
        try
        {
            world.Run(() => attempt(world));
        }
        catch (Exception exception)
        {
            throw new SimulationFailedException(
                $"{crashPoint}: {exception.Message}\n{world.Scheduler.Trace}",
                exception
            );
        }
    }
}
