// Package events waits for what the server announces, for the client programs.
package events

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

// Clock is the resource that each server has; its tool change_resource announces a change of it.
const Clock = "note://clock"

// Receive waits a moment for a notification.
func Receive[T any](channel <-chan T) (T, bool) {
	select {
	case value := <-channel:
		return value, true
	case <-time.After(2 * time.Second):
		var zero T
		return zero, false
	}
}

// Restart has the server started again.
func Restart() {
	fmt.Println("restart")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// UpdatedAgain tells which resource the new server says has changed. The subscription is opened
// again after a pause.
func UpdatedAgain(change func(), updates <-chan string) string {
	for range 5 {
		change()
		if uri, ok := Receive(updates); ok {
			return uri
		}
	}
	return ""
}
