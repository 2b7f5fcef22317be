/**
 * Runs the server and ends it (SIGINT, a fast shutdown) when standard input closes: that is when this process has ended, however it
 * ended. A shell is enough, and costs a megabyte. `read` waits for the end of the pipe; the server gets no standard input.
 */
export const WATCHDOG = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( read -r _ <&3; kill -INT $server 2>/dev/null ) &
watch=$!
exec 3<&-
trap 'kill -INT $server' INT TERM
wait $server
code=$?
while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
kill $watch 2>/dev/null
exit $code
`;
